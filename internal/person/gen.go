package person

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"

	"yinling/internal/day"
)

var (
	genFamily = []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
	genGiven  = []rune("桂兰秀英玉珍凤华建国德明志强春梅淑云永福金宝长荣月娥文友光辉家和世安庆丰小红丽芳")
	genPlaces = []string{"海州区", "连云区", "赣榆区", "东海县", "灌云县", "灌南县"}
	genRoads  = []string{"幸福路", "解放路", "苍梧路", "朝阳路", "海棠路", "和平街", "建设街", "长安巷"}
	genGroups = []string{"特困", "重残", "低保", "高龄"}
)

// Generate writes a roster of n invented people as CSV, always the same for the
// same n and seed: for demonstrations, benchmarks and tests. The numbers come
// from the division 990100, which nobody was given.
func Generate(w io.Writer, n int, seed uint64) error {
	b := bufio.NewWriterSize(w, 1<<16)
	r := rand.New(rand.NewPCG(seed, 2024))
	b.WriteString("姓名,证件号码,性别,出生日期,联系电话,区县,社区,地址,参保类型,参保日期,缴费起始月,缴费截止月,重点人群\r\n")
	first := day.MustParse("1934-01-01")
	for i := range n {
		// Every (day, sequence) pair comes once: 499 numbers of a day, then the next day.
		birth := first.AddDays(i / 998 * 7 % 27000)
		sex := []string{"女", "男"}[i%2]
		name := string(genFamily[r.IntN(len(genFamily))]) + string(genGiven[r.IntN(len(genGiven))]) + string(genGiven[r.IntN(len(genGiven))])
		k := r.IntN(1 << 20)
		group := ""
		if k%11 == 0 {
			group = genGroups[k/11%len(genGroups)]
		}
		kind, since := "职工", "2021-01-01"
		if k%5 < 2 {
			kind, since = "居民", "2022-01-01"
		}
		place := genPlaces[k%len(genPlaces)]
		fmt.Fprintf(b, "%s,%s,%s,%s,13%09d,%s,第%d社区,%s%s%d号%d室,%s,%s,%s,2024-05,%s\r\n", name, DemoID(i%998/2, birth, sex), sex, birth,
			100000000+i, place, 1+k%40, place, genRoads[k%len(genRoads)], 1+k%300, 101+k%60, kind, since, since[:7], group)
	}
	return b.Flush()
}
