package demo

import "math/rand/v2"

// Every name here is invented by combination. Surnames and given names are
// common ones of the generation, so that screens look as they will.
var (
	surnames = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "欧阳", "诸葛"}
	women    = []string{"桂兰", "秀英", "玉兰", "桂英", "秀珍", "凤英", "淑珍", "玉珍", "兰英", "素芬", "玉梅", "桂芳", "秀芳", "淑兰", "惠珍", "金花", "月英", "翠兰", "瑞芳", "美华"}
	men      = []string{"德福", "国栋", "建国", "长林", "志明", "玉山", "福生", "永祥", "文斌", "国强", "庆丰", "守义", "树森", "金水", "宝田", "学文", "延年", "世昌", "广才", "明德"}
	younger  = []string{"丽", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "红梅", "晓燕", "海波", "志强"}
	streets  = []string{"东湖街道", "南山镇", "城关街道", "北屏镇", "望海街道", "新坝镇", "锦屏街道", "沙河镇"}
	villages = []string{"望湖社区", "石桥村", "文庙社区", "丁香社区", "上河村", "西苑社区", "南岭村", "银杏社区"}
	// Districts: nine, as the city has nine counties, districts and zones; the names are the demonstration's.
	districts = []string{"东城区", "西城区", "海滨区", "北山县", "南河县", "青口县", "开发区", "高新区", "景区"}
)

// centre of the demonstration city, in millionths of a degree (GCJ-02).
const centreLat, centreLng = 34_600_000, 119_200_000

type face struct{ name, sex string }

func elder(r *rand.Rand) face {
	s := surnames[r.IntN(len(surnames))]
	if r.IntN(5) < 3 {
		return face{s + women[r.IntN(len(women))], "女"}
	}
	return face{s + men[r.IntN(len(men))], "男"}
}

func young(r *rand.Rand) string {
	return surnames[r.IntN(len(surnames))] + younger[r.IntN(len(younger))]
}

// place is a home: district i of nine lies on a 3 × 3 grid of about 12 km cells.
func place(r *rand.Rand, i int) (district, community, address string, lat, lng int64) {
	lat = centreLat + int64(i/3-1)*110_000 + int64(r.IntN(60_000)-30_000)
	lng = centreLng + int64(i%3-1)*130_000 + int64(r.IntN(70_000)-35_000)
	street, village := streets[r.IntN(len(streets))], villages[r.IntN(len(villages))]
	return districts[i], street + village, building(r), lat, lng
}

func building(r *rand.Rand) string {
	return itoa(1+r.IntN(40)) + "栋" + itoa((1+r.IntN(6))*100+1+r.IntN(3)) + "室"
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
