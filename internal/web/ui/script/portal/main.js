// The citizens' pages work without this. It adds: sound in place (listen.js)
// and speaking instead of typing (say.js).
import './listen.js';
import './say.js';
