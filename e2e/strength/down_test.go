package strength

import (
	"context"
	"fmt"
	"testing"

	"yinling/internal/app"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/demo"
)

// TestDownKeepsWhatItFound: the newer steps of the schema can be taken back and
// made again on a database that is full, and what they moved is there afterwards:
// the hours of every point (0245), the rating of every ticket (0242).
func TestDownKeepsWhatItFound(t *testing.T) {
	if testing.Short() {
		t.Skip("fills two demonstrations")
	}
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return dbtest.PostgresURL(t) }} {
		t.Run(name, func(t *testing.T) {
			ctx, clock := context.Background(), &demo.Clock{}
			a, err := app.Open(ctx, app.Config{DB: url(), Data: t.TempDir(), Addr: "127.0.0.1:0", Region: demo.Region, Agency: demo.Agency, Demo: true, Now: clock.Now, AllowUnsafe: true})
			must(t, err)
			defer a.Close()
			must(t, demo.Fill(ctx, a, clock, demo.Small, func(string, ...any) {}))
			all := func(query string) (out []string) {
				t.Helper()
				rows, err := a.DB.Raw().Query(query)
				must(t, err)
				defer rows.Close()
				for rows.Next() {
					var x, y string
					must(t, rows.Scan(&x, &y))
					out = append(out, x+" "+y)
				}
				must(t, rows.Err())
				return out
			}
			points := `SELECT institution, weekdays || ' ' || opens || ' ' || facilities || ' ' || CAST(staff AS TEXT) FROM hall_place WHERE institution <> '' AND opens <> '' ORDER BY institution`
			ratings := `SELECT object, CAST(score AS TEXT) || ' ' || words FROM outreach_rating WHERE kind = 'ticket' ORDER BY object`
			hadPoints, hadRatings := all(points), all(ratings)
			if len(hadPoints) == 0 || len(hadRatings) == 0 {
				t.Fatalf("the demonstration has %d points, %d ratings of tickets", len(hadPoints), len(hadRatings))
			}
			must(t, a.DB.DownTo(ctx, 241))
			old := `SELECT institution, weekdays || ' ' || opens || ' ' || facilities || ' ' || CAST(staff AS TEXT) FROM door_point ORDER BY institution`
			if got := all(old); fmt.Sprint(got) != fmt.Sprint(hadPoints) {
				t.Errorf("points before 0245:\n%v\nwant\n%v", got, hadPoints)
			}
			if got := all(`SELECT id, CAST(rating AS TEXT) || ' ' || remark FROM hall_ticket WHERE rating > 0 ORDER BY id`); fmt.Sprint(got) != fmt.Sprint(hadRatings) {
				t.Errorf("ratings before 0242:\n%v\nwant\n%v", got, hadRatings)
			}
			must(t, a.DB.MigrateTo(ctx, db.Newest()))
			if got := all(points); fmt.Sprint(got) != fmt.Sprint(hadPoints) {
				t.Errorf("points after coming back:\n%v\nwant\n%v", got, hadPoints)
			}
			if got := all(ratings); fmt.Sprint(got) != fmt.Sprint(hadRatings) {
				t.Errorf("ratings after coming back:\n%v\nwant\n%v", got, hadRatings)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
