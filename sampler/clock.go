package sampler

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"
)

// Ahead is how far AdvanceClock sets the clocks ahead.
const Ahead = time.Hour

// clockSource makes the object that advances an isolate's clocks.
//
//go:embed clock.js
var clockSource string

// AdvanceClock sets the clocks of all isolates ahead:
// what Date, performance.now and process.hrtime say is Ahead of what it was, intervals
// have run once, and so have the timers that come due. Timers that run once and are set
// for more than two minutes do not when there are more than ten: requests that set one
// and never clear it leak. Sessions that expire go; what is kept for good stays.
//
// The error is a *ScriptError where the target's clocks cannot be advanced.
//
// It changes the target for the rest of its life. While timers run, the app cannot end
// itself.
func (s *Sampler) AdvanceClock(ctx context.Context) error {
	s.findIsolates()
	return s.each(ctx, func(i *isolate, ctx context.Context) error {
		if i.silent || i.gone {
			return nil
		}
		if err := i.advanceClock(ctx); err != nil {
			return i.excuse(ctx, fmt.Errorf("advance clocks: %w", err))
		}
		return nil
	})
}

// timerKind is what all timers of Node's have as their prototype.
const timerKind = `(() => {
  const timer = setTimeout(() => {}, 1);
  clearTimeout(timer);
  return Object.getPrototypeOf(timer);
})()`

// clock advances the clock of one isolate.
type clock struct {
	object *probe // the object of clock.js
	timers string // the id of what all timers have as their prototype
}

func (i *isolate) openClock(ctx context.Context) (*clock, error) {
	if i.clock != nil {
		return i.clock, nil
	}
	object, err := installObject(ctx, i.session, i.limit, clockSource)
	if err != nil {
		return nil, err
	}
	timers, err := installObject(ctx, i.session, i.limit, timerKind)
	if err != nil {
		return nil, err
	}
	i.clock = &clock{object: object, timers: timers.object}
	return i.clock, nil
}

func (i *isolate) advanceClock(ctx context.Context) error {
	c, err := i.openClock(ctx)
	if err != nil {
		return err
	}
	var timers struct {
		Objects struct {
			ObjectID string `json:"objectId"`
		} `json:"objects"`
	}
	params := map[string]any{"prototypeObjectId": c.timers, "objectGroup": timerGroup}
	if err := call(ctx, i.session, i.limit, "Runtime.queryObjects", params, &timers); err != nil {
		return err
	}
	_, err = invoke[any](ctx, c.object, "advance", timers.Objects.ObjectID)
	group := map[string]any{"objectGroup": timerGroup}
	return errors.Join(err, call(ctx, i.session, i.limit, "Runtime.releaseObjectGroup", group, nil))
}

// timerGroup names what the inspector holds for us while timers run.
const timerGroup = "leakcheck-timers"
