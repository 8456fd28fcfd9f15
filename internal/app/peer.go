package app

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"time"

	apipeer "yinling/internal/api/peer"
	"yinling/internal/fault"
	"yinling/internal/peer"
)

// peers joins the desk to the other installations. Files are large, so there is
// no limit on a whole exchange but the job's own.
func (a *App) peers() error {
	a.Peer = &peer.Service{Log: a.Log, Keys: a.Keys}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.Config.PeerCA != "" {
		text, err := os.ReadFile(a.Config.PeerCA)
		if err != nil {
			return fault.Field("peer-ca", "读不了证书文件 %s：%v", a.Config.PeerCA, err)
		}
		if conf.RootCAs, err = x509.SystemCertPool(); err != nil {
			conf.RootCAs = x509.NewCertPool()
		}
		if !conf.RootCAs.AppendCertsFromPEM(text) {
			return fault.Field("peer-ca", "证书文件 %s 里没有证书。请用 PEM 格式。", a.Config.PeerCA)
		}
	}
	a.Desk.Peers = &apipeer.Client{Peers: a.Peer, HTTP: &http.Client{
		Transport: &http.Transport{TLSClientConfig: conf, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 2 * time.Minute, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	return nil
}
