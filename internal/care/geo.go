package care

import "math"

// metres is the great-circle distance of two points in 1e-6 degrees, in whole
// metres. It stands outside the rules: a rule gets the metres, so a decision
// replays equal on every machine.
func metres(lat1, lng1, lat2, lng2 int64) int64 {
	const earth = 6371008.8
	rad := func(e6 int64) float64 { return float64(e6) / 1e6 * math.Pi / 180 }
	dLat, dLng := rad(lat2-lat1), rad(lng2-lng1)
	a := math.Sin(dLat/2)*math.Sin(dLat/2) + math.Cos(rad(lat1))*math.Cos(rad(lat2))*math.Sin(dLng/2)*math.Sin(dLng/2)
	return int64(math.Round(2 * earth * math.Asin(math.Min(1, math.Sqrt(a)))))
}
