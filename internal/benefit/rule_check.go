package benefit

import (
	"errors"
	"fmt"

	"yinling/internal/money"
)

// Check: the numbers that a method needs.
func (t Term) Check() error {
	switch t.Method {
	case "ratio":
		if t.Ratio > 0 && t.Ratio < money.One/100 {
			return fmt.Errorf("ratio_percent 是百分数，这样写就是 %s；基金付八成要写 80", t.Ratio.Percent())
		}
		if t.Ratio <= 0 || t.Ratio > money.One {
			return errors.New("method 是 ratio，要写 ratio_percent，大于 0，至多 100")
		}
	case "flat", "cash", "copay":
		if t.Amount <= 0 {
			return fmt.Errorf("method 是 %s，要写 amount_fen，大于 0", t.Method)
		}
		if t.When.Unit == nil {
			return fmt.Errorf("method 是 %s，amount_fen 是每单位的数，when 里要写 unit", t.Method)
		}
	case "none":
		if t.Say == "" {
			return errors.New("method 是 none，要用 say 写明为什么不付")
		}
	}
	if t.Method != "ratio" && t.Ratio != 0 {
		return errors.New("只有 method: ratio 才能写 ratio_percent")
	}
	if t.Amount != 0 && t.Method != "flat" && t.Method != "cash" && t.Method != "copay" {
		return errors.New("只有 method 是 flat、cash、copay 才能写 amount_fen")
	}
	return nil
}

// Check: a cap has exactly the number that it limits.
func (c Cap) Check() error {
	switch {
	case c.On == "qty" && (c.MaxQty <= 0 || c.MaxFen != 0):
		return errors.New("on 是 qty，只写 max_qty，大于 0")
	case c.On != "qty" && (c.MaxFen <= 0 || c.MaxQty != 0):
		return fmt.Errorf("on 是 %s，只写 max_fen，大于 0", c.On)
	case c.On == "qty" && c.Per == PerUnit:
		return errors.New("数量的限额不能按每单位（per: unit）")
	case (c.On == "qty" || c.Per == PerUnit) && c.When.Unit == nil:
		return errors.New("数量的限额和每单位的限额，when 里要写 unit")
	}
	return nil
}

// Check: an amount of one unit says of which.
func (p Price) Check() error {
	switch {
	case p.Price <= 0:
		return errors.New("price_fen 要大于 0；不付的服务在 benefit.terms 里用 method: none 写")
	case p.When.Unit == nil:
		return errors.New("price_fen 是每单位的数，when 里要写 unit")
	}
	return nil
}

// Check: an uplift only ever raises.
func (u Uplift) Check() error {
	if u.Add <= 0 || u.Add > money.One {
		return errors.New("add_percent 是提高几个百分点，大于 0，至多 100；比例比别人低的，在 benefit.terms 里单独写一行")
	}
	return nil
}

// Check: a bonus gives something.
func (b Bonus) Check() error {
	if b.Qty <= 0 {
		return errors.New("add_qty 要大于 0")
	}
	return nil
}

// Check: levels are the nation's, and a row without any is for nobody.
func (e Entitled) Check() error {
	if len(e.Levels) == 0 {
		return errors.New("levels 里至少写一个等级；谁都不享受的，不要这一行")
	}
	return knownLevels(e.Levels)
}

// Check: levels are the nation's.
func (n LevelName) Check() error { return knownLevels([]int64{n.Level}) }

func knownLevels(levels []int64) error {
	for _, l := range levels {
		if l < 0 || l > 5 {
			return fmt.Errorf("没有 %d 级；这里写全国的等级 0 至 5（5 最重），当地的叫法写在 benefit.level_names", l)
		}
	}
	return nil
}
