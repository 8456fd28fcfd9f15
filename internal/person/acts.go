package person

import (
	"context"

	"yinling/internal/db"
)

// ActsFor lists the people for whom a proxy may act today, for the proxy's own
// pages, with the scope by the person's id.
func (s *Service) ActsFor(ctx context.Context, region, proxy string) (people []Person, scope map[string]string, err error) {
	scope = map[string]string{}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := s.ProxiesBy(tx, region, proxy)
		if err != nil {
			return err
		}
		for _, x := range list {
			sc, _, err := s.ProxyScope(tx, region, proxy, x.Person, tx.Today())
			if err != nil {
				return err
			}
			if sc == "" || scope[x.Person] != "" {
				continue
			}
			p, err := s.Get(tx, region, x.Person)
			if err != nil {
				return err
			}
			people, scope[x.Person] = append(people, p), sc
		}
		return nil
	})
	return people, scope, err
}
