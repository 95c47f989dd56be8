package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// bot buys when the price falls by a step and sells when it rises by one. A
// real one would place orders where this one prints a line.
type bot struct {
	out    io.Writer
	market market

	mu     sync.Mutex
	halted error // why it may not open positions; nil means it may
}

func newBot(out io.Writer) *bot { return &bot{out: out, market: newMarket()} }

const (
	step    = 20.0
	recheck = time.Hour
)

// trade runs until the context ends. Meanwhile the key is checked again and again:
// a right can be added, or the allowlist removed, at any time.
func (b *bot) trade(ctx context.Context, key audit.Key, opts *audit.Options, tick time.Duration) {
	var watching sync.WaitGroup
	watching.Go(func() {
		_ = audit.Watch(ctx, key, recheck, opts, func(_, now *audit.Result) { // ends with the context
			b.judge(now.Err(audit.High))
		})
	})
	defer watching.Wait()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last := b.market.price
	for {
		select {
		case <-ctx.Done():
			b.say("Stopped. A real bot would cancel its open orders here.")
			return
		case <-ticker.C:
		}
		price := b.market.next()
		b.mu.Lock()
		halted := b.halted
		b.mu.Unlock()
		switch {
		case halted != nil:
			b.say("%9.2f  holding: the key is no longer safe", price)
			continue // a real bot would close its positions here, if its owner prefers that
		case price <= last-step:
			b.say("%9.2f  buy", price)
		case price >= last+step:
			b.say("%9.2f  sell", price)
		default:
			b.say("%9.2f  wait", price)
			continue
		}
		last = price
	}
}

// judge takes the result of a later check. An outage of the exchange is no reason
// to abandon positions; any other doubt about the key is a reason to open no more.
func (b *bot) judge(err error) {
	switch {
	case err == nil:
	case errors.Is(err, audit.ErrUnreachable):
		b.say("The exchange could not be reached. Trading continues with the previous result.")
		return
	default:
		b.say("The key has changed. No new positions.")
		b.mu.Lock()
		refuse(b.out, err)
		b.mu.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.halted = err
}

func (b *bot) say(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fmt.Fprintf(b.out, format+"\n", args...)
}

// market is an invented price that moves at random.
type market struct {
	price float64
	luck  *rand.Rand
}

func newMarket() market {
	return market{price: 97_250, luck: rand.New(rand.NewPCG(2026, 170))}
}

func (m *market) next() float64 {
	m.price += 30 * m.luck.NormFloat64()
	return m.price
}
