package report

const (
	peopleAt   = `SELECT p.district, COUNT(*) FROM person_person AS p WHERE p.region = $1 AND p.deceased = '' GROUP BY p.district`
	carersAt   = `SELECT i.district, COUNT(*) FROM institution_institution AS i WHERE i.region = $1 AND i.status = 'active' AND i.kind IN ('care', 'elder_home', 'medical') AND i.from_day <= $2 AND i.to_day >= $2 GROUP BY i.district`
	pointsAt   = `SELECT i.district, COUNT(*) FROM institution_institution AS i WHERE i.region = $1 AND i.status = 'active' AND i.kind = 'point' AND i.from_day <= $2 AND i.to_day >= $2 GROUP BY i.district`
	concludeAt = `SELECT c.district, a.created, a.concluded_on FROM assess_application AS a JOIN desk_case AS c ON c.region = a.region AND c.id = a.id
		WHERE a.region = $1 AND a.concluded_on >= $2 AND a.concluded_on <= $3 AND a.id >= $4`
)
