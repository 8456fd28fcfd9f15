package claim

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// PaymentChannel is a way to collect the person's share by a code (扫码付) and to
// give it back. Orders and refunds are named by us, so that asking twice does
// nothing twice. pay.Cashier and pay.WeChat are the two implementations.
type PaymentChannel interface {
	Name() string
	// Code opens an order and returns the text of its QR code.
	Code(ctx context.Context, order string, fen money.Fen, what string) (string, error)
	// Paid asks whether an order is paid; trade is the channel's number.
	Paid(ctx context.Context, order string, fen money.Fen) (paid bool, trade string, err error)
	// Refund gives a paid order back in full; done is false while it is under way.
	Refund(ctx context.Context, order, trade string, fen money.Fen, why string) (done bool, err error)
}

// chargeOrder names a charge to a channel: region and id, at most 32 characters.
func chargeOrder(c Charge) string { return c.Region + c.ID }

// Code gives the QR code of a charge, opening the order at the channel the
// first time. Conflict: it is not open.
func (s *Service) Code(ctx context.Context, who audit.Actor, ch PaymentChannel, region, visit string) (Charge, error) {
	b, c, err := s.See(ctx, who, region, visit)
	if err != nil {
		return c, err
	}
	switch {
	case b.Status != Settled || c.ID == "":
		return c, fault.New(fault.Conflict, "这张账单现在没有要付的钱。")
	case c.Status != ChargeOpen:
		return c, fault.New(fault.Conflict, "这笔付款现在是“%s”，不用再付。", c.Status.Name())
	case c.Code != "" && c.Channel == ch.Name():
		return c, nil
	}
	// The channel is asked outside the transaction: a slow network must not hold rows.
	code, err := ch.Code(ctx, chargeOrder(c), c.Fen, "护理服务个人自付")
	if err != nil {
		return c, err
	}
	c.Channel, c.Code = ch.Name(), code
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "claim.charge", Object: c.ID}, func(tx *db.Tx) error {
		return moveCharge(tx, c, ChargeOpen)
	})
	return c, err
}

// MarkPaid records that a charge is paid, as the channel says. A second word
// about the same trade changes nothing. When the settlement was undone in the
// meantime, the money goes back at once.
func (s *Service) MarkPaid(ctx context.Context, who audit.Actor, region, id, trade string) (Charge, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "claim.paid", Object: id}, func(tx *db.Tx) (Charge, error) {
		c, err := GetCharge(tx, region, id)
		if err != nil {
			return c, err
		}
		from := c.Status
		switch from {
		case ChargeOpen:
			c.Status = ChargePaid
		case ChargeVoid:
			c.Status = ChargeRefunding
		default:
			return c, nil
		}
		c.Trade, c.PaidAt = trade, tx.Millis()
		if err := moveCharge(tx, c, from); err != nil {
			return c, err
		}
		if c.Status == ChargeRefunding {
			return c, putRefund(tx, c)
		}
		return c, nil
	})
}

// Ask asks the channel whether an open charge is paid and records it; pages
// call it when the payer comes back before the channel's own message.
func (s *Service) Ask(ctx context.Context, ch PaymentChannel, region, id string) (Charge, error) {
	var c Charge
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { c, err = GetCharge(tx, region, id); return err })
	if err != nil || c.Status != ChargeOpen || c.Channel != ch.Name() || c.Code == "" {
		return c, err
	}
	paid, trade, err := ch.Paid(ctx, chargeOrder(c), c.Fen)
	if err != nil || !paid {
		return c, err
	}
	return s.MarkPaid(ctx, audit.System(region), region, id, trade)
}

// ByOrder finds the charge that a channel speaks of by the order's name and
// proves the amount; another amount is fault.Invalid and nothing is recorded.
func (s *Service) ByOrder(ctx context.Context, order string, fen money.Fen) (c Charge, err error) {
	if len(order) < 8 {
		return c, fault.New(fault.NotFound, "没有找到这笔付款。")
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = GetCharge(tx, order[:6], order[6:])
		return err
	})
	if err == nil && c.Fen != fen {
		err = fault.New(fault.Invalid, "付款金额和账单不一样，没有记账，请核对。")
	}
	return c, err
}

// DoRefund gives a charge back through its channel; it is the handler of job
// claim.refund and may run any number of times. Busy: the channel is still at it.
func (s *Service) DoRefund(ctx context.Context, channel func(name string) PaymentChannel, r Refund) error {
	var c Charge
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { c, err = GetCharge(tx, r.Region, r.Charge); return err })
	if err != nil || c.Status != ChargeRefunding {
		return err
	}
	ch := channel(c.Channel)
	if ch == nil {
		return fault.New(fault.Internal, "没有名叫 %s 的付款渠道，退不了款。", c.Channel)
	}
	done, err := ch.Refund(ctx, chargeOrder(c), c.Trade, c.Fen, "结算撤销退款")
	if err != nil {
		return err
	}
	if !done {
		return fault.New(fault.Busy, "退款正在办理。")
	}
	return audit.Run(ctx, s.Log, audit.System(r.Region), audit.Act{Region: r.Region, Verb: "claim.refunded", Object: c.ID}, func(tx *db.Tx) error {
		c.Status = ChargeRefunded
		return moveCharge(tx, c, ChargeRefunding)
	})
}
