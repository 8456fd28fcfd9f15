package person

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

var (
	proxyMax    = policy.Int("person.proxy_max_count", "一个人最多替几个人代办", "人")
	proxyMonths = policy.Int("person.proxy_months", "授权代办一次最长多久", "个月")
)

// ProxyIn is what decides on an authorisation.
type ProxyIn struct {
	Wards int64   `json:"wards"` // people whom the proxy acts for already, without this one
	Until day.Day `json:"until"` // asked for; empty: as long as allowed
}

// ProxyOut is its result.
type ProxyOut struct {
	Until day.Day `json:"until"`
}

// ProxyRule 授权代办: how many people one may act for, and for how long.
var ProxyRule = policy.NewRule("person.proxy", 1, "授权代办", func(v *policy.View, in ProxyIn) (ProxyOut, error) {
	limit, last := proxyMax.In(v), v.On().AddMonths(int(proxyMonths.In(v)))-1
	if err := v.Err(); err != nil {
		return ProxyOut{}, err
	}
	switch {
	case in.Wards >= limit:
		return ProxyOut{}, v.Refuse(proxyMax.Cite(v), "代办人已经在替%d个人办事，最多%d个。请先收回一个再授权，或换一位家人代办。", in.Wards, limit)
	case in.Until == 0:
		in.Until = last
	case in.Until < v.On():
		return ProxyOut{}, fault.Field("until", "授权的最后一天 %s 已经过去，请另选一天", in.Until)
	case in.Until > last:
		return ProxyOut{}, fault.Field("until", "授权最长到 %s，到期可以再授权", last.Chinese())
	}
	v.Say("可以代办到 %s（含当天），本人随时可以收回", in.Until.Chinese())
	return ProxyOut{in.Until}, nil
})
