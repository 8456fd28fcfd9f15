// Package hall is the service hall (服务大厅): its queue, its facilities for
// elders, its emergencies.
//
//	take 取号 (machine, guide, online) ── hall.lane ──▶ waiting
//	waiting ── call 叫号, hall.next ──▶ called ── start ──▶ serving ── accept, end ──▶ done
//	called ── miss 过号 ──▶ missed ── back 回来 ──▶ waiting
//	called, serving ── pass 转窗口 ──▶ waiting (that window calls it first)
//	booked 网上取号 ── arrive 报到 ──▶ waiting
//
// Words: Place a hall or a service point, Window, Ticket one person's number on
// one day, Lane which rule lets it come sooner, Segment one of the four waits
// that are measured (S-63): 等叫号, 到窗口, 等受理, 等办完. A ticket keeps a log
// of what the guide and the window did (S-14: 接待, 答疑, 受理, 办理, 反馈).
//
// It rests on 鲁医保发〔2021〕1号 articles 1 to 3 and 12, 吉医保发〔2024〕6号 二（三）
// and 厦医保函〔2025〕38号. What those leave open has grade assumed in hall.yaml.
package hall
