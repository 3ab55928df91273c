// Follows the server's events for ever: connects again when the stream ends, errs or falls silent.

const NAMES = ["state", "system", "nodes", "alert", "delays"];
const SILENT_MS = 5000; // the server says something every second
const RETRY_MS = 2000;

export class Stream {
  #source = null;
  #triedMs = 0;

  constructor(url, onMessage) {
    this.url = url;
    this.onMessage = onMessage;
    this.heardMs = null; // by this computer's monotonic clock
    this.lostSinceMs = performance.now();
    this.connect();
    setInterval(() => this.#check(), 500);
  }

  get isLost() {
    return this.lostSinceMs !== null;
  }

  connect() {
    this.#source?.close();
    this.#triedMs = performance.now();
    this.#source = new EventSource(this.url);
    for (const name of NAMES) {
      this.#source.addEventListener(name, (event) => this.#hear(name, event.data));
    }
  }

  #hear(name, text) {
    this.heardMs = performance.now();
    this.lostSinceMs = null;
    this.onMessage(name, JSON.parse(text));
  }

  #check() {
    const nowMs = performance.now();
    const silentMs = nowMs - (this.heardMs ?? -Infinity);
    const isClosed = this.#source.readyState === EventSource.CLOSED;
    if (silentMs > SILENT_MS && this.lostSinceMs === null) this.lostSinceMs = this.heardMs;
    // A browser gives up on an error page, and never notices a half-open connection.
    const isOverdue = nowMs - this.#triedMs > (isClosed ? RETRY_MS : 2 * SILENT_MS);
    if ((isClosed || silentMs > SILENT_MS) && isOverdue) this.connect();
  }
}
