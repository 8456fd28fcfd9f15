package report

import (
	"slices"
	"strings"
	"testing"

	"yinling/internal/db/dbtest"
)

// beside are the tables with a person that Held need not ask.
var beside = map[string]string{
	"access_pass":       "a way to log in, of an account",
	"benefit_mode":      "of a benefit",
	"benefit_used":      "of a bill",
	"care_exception":    "of a visit",
	"claim_charge":      "of a bill",
	"claim_moment":      "of a bill",
	"desk_paper":        "of a case, a plan or a voice",
	"desk_application":  "of a case",
	"fund_due":          "a sum: what persons pay",
	"hall_ticket":       "a day in the hall",
	"outreach_followup": "of what was done",
	"outreach_rating":   "of what was done",
	"share_link":        "of a fact",
	"share_row":         "of a fact",
	"share_watch":       "computed every night",
	"person_coverage":   "the roster moves it",
	"person_fix":        "the merge itself",
	"person_group":      "the roster moves it",
	"person_number":     "the roster moves it",
	"person_proxy":      "the roster moves it",
	"person_stay":       "the roster moves it",
}

// TestHeldAsksEveryTable: a new table with a person in it must say what
// becomes of its rows when two entries of the roster are made one.
func TestHeldAsksEveryTable(t *testing.T) {
	d, _ := dbtest.SQLite(t) // PostgreSQL has the same schema
	rows, err := d.Raw().Query(`SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND c.name = 'person' ORDER BY m.name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		seen++
		asked := slices.ContainsFunc(held, func(h struct{ say, query string }) bool { return strings.Contains(h.query, " "+table+" ") })
		if _, not := beside[table]; asked == not {
			t.Errorf("%s has a person: put it into held or, with the reason, into beside", table)
		}
	}
	if seen < len(held) {
		t.Errorf("saw %d tables", seen)
	}
}
