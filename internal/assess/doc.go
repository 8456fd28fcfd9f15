// Package assess carries an application for care (失能等级评估) from the first
// question to the day on which the benefit starts.
//
//	apply ─→ applied ⇄ supplement          refuse ─→ refused
//	            │ accept                     withdraw ─→ withdrawn
//	         accepted ─ draw ─→ drawn ─ record ─→ recorded ─ conclude ─→ concluded
//	                                                                    │ publish      │ deliver
//	                                                                  notice         below
//	                                                       effect │      │ object       │ object
//	                                                       effective ─→ disputed ←──────┘
//	                                                                      │ draw (others)
//	                                            redrawn ─ record ─→ rerecorded ─ conclude ─→ final ─→ effective | below
//
// Three levels are kept apart: what the person said (self-screen A to G), what
// the scores on site give (评估人员), and what the experts conclude (专家结论).
// The texts: 医保发〔2023〕29号 for the procedure, 医保办发〔2024〕22号 for the time
// limits, 医保办发〔2021〕37号 for the instrument.
//
// Words: Application an application and all that follows, Member who was drawn
// for it, Duty what they were drawn for (visit or conclude), Opinion one
// expert's conclusion, Tie a relation that forbids somebody to take part.
package assess
