package demo

import (
	"context"
	"fmt"
)

// sale is a work that its seller sells by a template of somebody else.
type sale struct {
	name, id       string // of the template
	author, seller string
	work           string
}

// publishTemplate publishes the template that comes with streamd in its author's name.
func (r *run) publishTemplate(ctx context.Context, s *sale) error {
	var out struct {
		Template string `json:"template"`
	}
	says := fmt.Sprintf("%s publishes the template %s", s.author, s.name)
	if err := r.ran(ctx, "template-"+s.name, says, &out, s.author, "template", "publish", s.name); err != nil {
		return err
	}
	s.id = out.Template
	return nil
}

func (r *run) useTemplate(ctx context.Context, s sale, param string) error {
	var out struct {
		TX string `json:"tx"`
	}
	says := fmt.Sprintf("%s sells by it too (%s)", s.seller, s.name)
	return r.ran(ctx, "use-"+s.name, says, &out, s.seller, "template", "use", s.work, s.id, "--param", param)
}

// sell has somebody buy by the template, and watch for nothing what was bought.
func (r *run) sell(ctx context.Context, j *job, s *sale, buyer, says, file string, args ...string) error {
	var bought struct {
		TX string `json:"tx"`
	}
	args = append([]string{"template", "buy", s.work}, args...)
	if err := r.ran(ctx, "buy-"+s.name, says, &bought, buyer, args...); err != nil {
		return err
	}
	var v watched
	if err := r.watch(ctx, "watch-"+s.name, buyer+" watches it for nothing more", &v, buyer, published{Work: s.work}, file, "0stream"); err != nil {
		return err
	}
	if v.GrantedBy != "template" {
		return fmt.Errorf("%s got in by %s, not by the template", buyer, v.GrantedBy)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	j.Templates = append(j.Templates, Template{Name: s.name, ID: s.id, Work: s.work, Buyer: buyer, GrantedBy: v.GrantedBy})
	return nil
}

// settled takes from a buyer's payments those by its templates. False says that one is not there yet.
func settled(sales []Template, buyer string, payments []Payment) bool {
	for i := range sales {
		t := &sales[i]
		if t.Buyer != buyer {
			continue
		}
		t.Paid, t.Royalty, t.RoyaltyTo = 0, 0, ""
		for _, p := range payments {
			if p.Subject == t.Work && p.RoyaltyTo != "" {
				t.Paid, t.Royalty, t.RoyaltyTo = t.Paid+p.Charged, t.Royalty+p.Parts["royalty"], p.RoyaltyTo
			}
		}
		if t.Royalty == 0 {
			return false
		}
	}
	return true
}
