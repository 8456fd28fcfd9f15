// Package pay holds the channels through which a person pays the own share of
// a bill by scanning a code (扫码付): Cashier is our own and shows what paying
// looks like where no contract with a payment institution exists yet; WeChat
// is a client of WeChat Pay (微信支付) API v3, Native orders. Both implement
// claim.PaymentChannel and know nothing of bills.
package pay

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/money"
)

// Cashier is the program's own cashier (收银台). Its code is the address of a
// page of ours, signed so that nobody can make one for another amount; the page
// records the payment itself.
type Cashier struct {
	Base string // https://host, without a slash at the end
	Key  []byte // for the signature of codes
}

// Name is the channel's name on the charge.
func (c *Cashier) Name() string { return "cashier" }

// Code is the signed address of the cashier page.
func (c *Cashier) Code(_ context.Context, order string, fen money.Fen, _ string) (string, error) {
	q := url.Values{"fen": {strconv.FormatInt(int64(fen), 10)}, "sign": {c.sign(order, fen)}}
	return c.Base + "/pay/" + url.PathEscape(order) + "?" + q.Encode(), nil
}

// Check proves that a code is ours and returns its amount.
func (c *Cashier) Check(order, fen, sign string) (money.Fen, bool) {
	n, err := strconv.ParseInt(fen, 10, 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	return money.Fen(n), hmac.Equal([]byte(sign), []byte(c.sign(order, money.Fen(n))))
}

func (c *Cashier) sign(order string, fen money.Fen) string {
	h := hmac.New(sm3.New, c.Key)
	fmt.Fprintf(h, "%d:%s%d", len(order), order, fen)
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// Paid is never news: the cashier's page has told claim already.
func (c *Cashier) Paid(context.Context, string, money.Fen) (bool, string, error) {
	return false, "", nil
}

// Refund is done at once: no money has left the house.
func (c *Cashier) Refund(context.Context, string, string, money.Fen, string) (bool, error) {
	return true, nil
}
