package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// The demonstration's photographs are drawn: flat scenes in a few colours, so that
// pages with pictures show pictures, and nobody's home is in them.

var paints = color.Palette{
	color.RGBA{0xe9, 0xe3, 0xd6, 255}, // 0 wall
	color.RGBA{0xb9, 0xae, 0x98, 255}, // 1 floor
	color.RGBA{0x7a, 0x55, 0x3a, 255}, // 2 wood
	color.RGBA{0x2f, 0x5d, 0x50, 255}, // 3 green
	color.RGBA{0xc9, 0x8b, 0x2b, 255}, // 4 ginkgo
	color.RGBA{0xff, 0xff, 0xff, 255}, // 5 paper
	color.RGBA{0x4a, 0x4a, 0x4a, 255}, // 6 metal
	color.RGBA{0x8f, 0xb7, 0xd6, 255}, // 7 sky
}

// canvas is a picture of 480 × 360; boxes are x, y, width, height, colour.
type canvas struct{ *image.Paletted }

func newCanvas(boxes ...[5]int) canvas {
	c := canvas{image.NewPaletted(image.Rect(0, 0, 480, 360), paints)}
	c.box([5]int{0, 270, 480, 90, 1})
	for _, b := range boxes {
		c.box(b)
	}
	return c
}

func (c canvas) box(b [5]int) {
	for y := b[1]; y < b[1]+b[3]; y++ {
		for x := b[0]; x < b[0]+b[2]; x++ {
			c.SetColorIndex(x, y, uint8(b[4]))
		}
	}
}

// disc paints a round thing.
func (c canvas) disc(x, y, r, paint int) {
	for dy := -r; dy <= r; dy++ {
		for dx := -r; dx <= r; dx++ {
			if dx*dx+dy*dy <= r*r {
				c.SetColorIndex(x+dx, y+dy, uint8(paint))
			}
		}
	}
}

func (c canvas) png() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, c); err != nil { // a buffer takes everything
		panic(err)
	}
	return b.Bytes()
}

// atDoor is somebody's door with a couplet and the number of the flat.
func atDoor() []byte {
	c := newCanvas([5]int{160, 40, 160, 250, 2}, [5]int{172, 52, 136, 238, 3}, [5]int{120, 60, 26, 200, 4}, [5]int{334, 60, 26, 200, 4}, [5]int{205, 80, 70, 30, 5}, [5]int{150, 290, 180, 14, 6})
	c.disc(290, 180, 8, 4)
	return c.png()
}

// seats are the seats for elders in a hall, with their sign.
func seats() []byte {
	c := newCanvas([5]int{60, 40, 180, 70, 3}, [5]int{74, 56, 152, 12, 5}, [5]int{74, 82, 90, 12, 5})
	for i := range 3 {
		x := 50 + i*135
		for _, b := range [][5]int{{x, 150, 100, 80, 4}, {x, 230, 100, 24, 2}, {x + 8, 254, 10, 40, 6}, {x + 82, 254, 10, 40, 6}} {
			c.box(b)
		}
	}
	return c.png()
}

// ramp is the way in beside the steps, with a rail.
func ramp() []byte {
	c := newCanvas([5]int{0, 0, 480, 150, 7}, [5]int{300, 40, 180, 230, 3}, [5]int{340, 90, 90, 180, 5})
	for x := range 300 {
		h := x * 90 / 300
		c.box([5]int{x, 270 - h, 1, h + 60, 6})
		if x%50 < 4 {
			c.box([5]int{x, 205 - h, 1, 66, 2})
		}
		c.box([5]int{x, 200 - h, 1, 6, 2})
	}
	return c.png()
}

// Picture is a sheet of paper on a table; what it says cannot be read.
func Picture() []byte {
	c := newCanvas([5]int{0, 0, 480, 360, 2}, [5]int{110, 20, 260, 330, 5}, [5]int{180, 44, 120, 16, 6})
	for i := range 11 {
		c.box([5]int{136, 84 + i*20, 208 - i%3*34, 6, 1})
	}
	c.disc(310, 310, 24, 4)
	c.disc(310, 310, 19, 5)
	return c.png()
}

// room is a living room with a bed, as an assessor finds it.
func room() []byte {
	return newCanvas([5]int{40, 40, 130, 110, 7}, [5]int{102, 40, 6, 110, 5}, [5]int{210, 170, 230, 60, 5}, [5]int{210, 210, 230, 50, 3}, [5]int{210, 260, 12, 40, 2}, [5]int{428, 260, 12, 40, 2}, [5]int{222, 150, 60, 34, 4}).png()
}
