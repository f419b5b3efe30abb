package ledger

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Kinds of records. A use record is fixed in size: kind, session's salt, n, word, rendition, from, to.
const (
	recordLane    = 'l' // JSON of Lane
	recordSession = 's' // proto of the signed session
	recordUse     = 'u'
	recordClose   = 'c' // salt
	recordSettled = 't' // salt, n
	recordEnd     = 'e' // JSON of LaneID
)

const useLen = 1 + 16 + 4 + 32 + 2 + 4 + 4

func useRecord(id wire.SessionID, n uint32, word [32]byte, t Ticks) (b [useLen]byte) {
	b[0] = recordUse
	copy(b[1:], id[:])
	binary.BigEndian.PutUint32(b[17:], n)
	copy(b[21:], word[:])
	binary.BigEndian.PutUint16(b[53:], t.Rendition)
	binary.BigEndian.PutUint32(b[55:], t.From)
	binary.BigEndian.PutUint32(b[59:], t.To)
	return b
}

func closeRecord(id wire.SessionID) []byte { return append([]byte{recordClose}, id[:]...) }

func settledRecord(id wire.SessionID, n uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{recordSettled}, id[:]...), n)
}

func jsonRecord(kind byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // of plain strings and numbers
	}
	return append([]byte{kind}, raw...)
}

func sessionRecord(s streamtypes.Session) ([]byte, error) {
	raw, err := s.Marshal()
	return append([]byte{recordSession}, raw...), err
}

// apply does what a record says; it is how a journal is read.
func (l *Ledger) apply(payload []byte) error {
	bad := fmt.Errorf("%w: a record of kind %q", ErrDamaged, payload[0])
	body := payload[1:]
	switch payload[0] {
	case recordLane:
		var lane Lane
		if json.Unmarshal(body, &lane) != nil {
			return bad
		}
		l.putLane(lane)
		return nil
	case recordEnd:
		var id LaneID
		if json.Unmarshal(body, &id) != nil {
			return bad
		}
		l.dropLane(id)
		return nil
	case recordSession:
		var s streamtypes.Session
		if s.Unmarshal(body) != nil {
			return bad
		}
		_, err := l.putSession(s)
		return err
	}
	if len(body) < 16 {
		return bad
	}
	s := l.sessions[wire.SessionID(body[:16])]
	switch {
	case s == nil:
		return nil // its lane has ended since
	case payload[0] == recordClose:
		s.open = false
	case payload[0] == recordSettled && len(body) == 20:
		s.settled = max(s.settled, binary.BigEndian.Uint32(body[16:]))
	case payload[0] == recordUse && len(payload) == useLen:
		return l.applyUse(s, payload)
	default:
		return bad
	}
	return nil
}

func (l *Ledger) applyUse(s *session, b []byte) error {
	n := binary.BigEndian.Uint32(b[17:])
	before := s.meter.N()
	if n >= before {
		if err := s.meter.Restore(n, [32]byte(b[21:53])); err != nil {
			return fmt.Errorf("%w: a word does not belong to its session", ErrDamaged)
		}
		s.lane.sum += uint64(n-before) * s.terms.PricePerTick
	}
	t := Ticks{binary.BigEndian.Uint16(b[53:]), binary.BigEndian.Uint32(b[55:]), binary.BigEndian.Uint32(b[59:])}
	if t.To > t.From {
		s.used += s.ticks.missing(t)
		s.ticks.add(t)
	}
	return nil
}

// snapshot is the shortest journal that leads to the present state.
func (l *Ledger) snapshot() ([]byte, error) {
	var out []byte
	for _, lane := range l.lanes {
		out = appendRecord(out, jsonRecord(recordLane, lane.Lane))
		for _, s := range lane.sessions {
			rec, err := sessionRecord(s.terms)
			if err != nil {
				return nil, err
			}
			out = appendRecord(out, rec)
			rest := s.ticks
			if len(rest) == 0 {
				rest = spans{{}}
			}
			for _, t := range rest {
				use := useRecord(s.id, s.meter.N(), s.meter.Last(), t)
				out = appendRecord(out, use[:])
			}
			if s.settled > 0 {
				out = appendRecord(out, settledRecord(s.id, s.settled))
			}
			if !s.open {
				out = appendRecord(out, closeRecord(s.id))
			}
		}
	}
	return out, nil
}
