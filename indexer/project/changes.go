package project

import (
	"slices"
)

// set keeps different texts. It is walked in order, so that a rebuild does the same.
type set map[string]struct{}

func (s *set) add(all ...string) {
	if *s == nil {
		*s = set{}
	}
	for _, v := range all {
		(*s)[v] = struct{}{}
	}
}

func (s set) sorted() []string {
	out := make([]string, 0, len(s))
	for v := range s {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// changes is what must be computed anew at the end of a block.
type changes struct {
	handles   set // creators whose name changed
	levels    set // creators whose attestations changed
	counts    set // creators whose number of works changed
	catalogs  set // creators whose plans or passes changed
	texts     set // roots whose text or status changed
	prices    set // roots
	copies    set // roots
	operators set
	spent     set // roots and creators
}

// settle computes what follows from the block's events.
func (r *run) settle() error {
	c := &r.changed
	for _, creator := range c.handles.sorted() {
		roots, err := r.tx.Strings("SELECT root FROM works WHERE creator = ?", creator)
		if err != nil {
			return err
		}
		c.texts.add(roots...)
	}
	for _, creator := range c.catalogs.sorted() {
		roots, err := r.tx.Strings("SELECT root FROM works WHERE creator = ?", creator)
		if err != nil {
			return err
		}
		c.prices.add(roots...)
	}
	for _, step := range []struct {
		of set
		do func(string) error
	}{{c.levels, r.level}, {c.counts, r.count}, {c.texts, r.text}, {c.prices, r.price}, {c.copies, r.copiesOf}, {c.operators, r.load}, {c.spent, r.score}} {
		for _, id := range step.of.sorted() {
			if err := step.do(id); err != nil {
				return err
			}
		}
	}
	r.changed = changes{}
	return nil
}

// count counts a creator's active works.
func (r *run) count(creator string) error {
	_, err := r.tx.Exec("UPDATE creators SET works = (SELECT COUNT(*) FROM works WHERE creator = ?1 AND status = 'active') WHERE id = ?1", creator)
	return err
}
