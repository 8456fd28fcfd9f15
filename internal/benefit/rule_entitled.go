package benefit

import (
	"fmt"
	"slices"
	"strings"

	"yinling/internal/policy"
)

// Name is what the region calls a national level; it is noted when v explains.
func Name(v *policy.View, level int64) string {
	if n := nameRow(v, level); n != nil {
		return n.Name
	}
	return [...]string{"基本正常", "轻度失能", "中度失能", "重度失能Ⅰ级", "重度失能Ⅱ级", "重度失能Ⅲ级"}[min(max(level, 0), 5)]
}

func nameRow(v *policy.View, level int64) *LevelName {
	names, _ := keyLevelNames.Peek(v)
	for i := range names {
		if names[i].Level == level {
			return &names[i]
		}
	}
	return nil
}

// Entitle checks that the level gives a right to benefits in this region, and
// notes the level under its local name.
func Entitle(v *policy.View, f *Facts) error {
	name := Name(v, f.Level)
	if n := nameRow(v, f.Level); n != nil {
		v.Cite(n, "失能等级：%s（全国%d级）", name, f.Level)
	}
	rows := table(v, keyLevels)
	for i := range rows {
		r := &rows[i]
		if !r.When.Holds(f) {
			continue
		}
		if r.Levels.Has(f.Level) {
			v.Cite(r, "%s可以享受待遇", name)
			return nil
		}
		return v.Refuse(r, "%s目前不在%s长期护理保险的待遇范围里，费用由个人承担。身体情况变了可以申请重新评估。", name, v.Name())
	}
	if v.Err() != nil {
		return v.Err()
	}
	who := map[string]string{"employee": "职工医保参保人", "resident": "居民医保参保人"}[f.Coverage]
	return v.Refuse(keyLevels.Cite(v), "%s的长期护理保险还没有覆盖%s，费用由个人承担。", v.Name(), who)
}

// Combination checks that the modes of care may go together; one mode always may.
func Combination(v *policy.View, modes []string) error {
	if len(modes) < 2 {
		return nil
	}
	allowed, _ := keyCombine.Peek(v)
	for _, a := range allowed {
		if sameModes(a, modes) {
			v.Cite(keyCombine.Cite(v), "可以把%s组合起来", ModesChinese(modes))
			return nil
		}
	}
	return v.Refuse(keyCombine.Cite(v), "%s不能把%s组合在一起，请只选一种护理方式。", v.Name(), ModesChinese(modes))
}

// Named checks that the region's terms pay for a mode of care, and notes the
// row. Refused: the region has no such mode.
func Named(v *policy.View, mode string) error {
	rows := table(v, keyTerms)
	for i := range rows {
		if r := &rows[i]; r.Method != "none" && (r.When.Mode == nil || slices.Contains(r.When.Mode, mode)) {
			v.Cite(r, "%s的支付办法里有%s：%s", v.Name(), ModeChinese(mode), r.Name)
			return nil
		}
	}
	if v.Err() != nil {
		return v.Err()
	}
	return v.Refuse(keyTerms.Cite(v), "%s的支付办法里没有%s，长期护理保险不付这一种，请选别的护理方式。", v.Name(), ModeChinese(mode))
}

// knownModes reads combinations: modes of care, joined with a plus sign.
func knownModes(combined []string) error {
	for _, c := range combined {
		modes := strings.Split(c, "+")
		for _, m := range modes {
			if !slices.Contains(Modes, strings.TrimSpace(m)) {
				return fmt.Errorf("组合「%s」里没有「%s」这种护理方式；可以写的是 %s，方式之间用加号，如 family+home", c, strings.TrimSpace(m), strings.Join(Modes, "、"))
			}
		}
		if len(modes) < 2 {
			return fmt.Errorf("组合「%s」里只有一种方式；写成 family+home 的样子，不允许组合就写空表 []", c)
		}
	}
	return nil
}
