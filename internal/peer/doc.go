// Package peer knows the other installations with which this one exchanges
// cases (对接): for a pooling region there, its address and the key that both
// sides hold.
//
// Both sides authenticate: whoever sends signs what is sent (HMAC-SM3 with the
// common key), whoever answers signs the answer. A message counts once, within
// Skew of the clock; who is unknown, signs wrongly, comes late or again is
// refused with a sentence, and the refusal is in the record.
//
// The package holds no transport: internal/api/peer carries messages by HTTPS,
// desk says what is in them.
package peer
