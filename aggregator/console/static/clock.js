// The server's time, estimated from the stamps in its messages. All times here are Unix milliseconds.

const KEPT = 60; // a minute of system messages
const OFF_MS = 2000; // beyond this a person would count down wrongly

export class ServerClock {
  #offsetsMs = [];

  /** Take the server's time as of when it sent, and ours as of now. */
  hear(serverMs, clientMs) {
    this.#offsetsMs.push(serverMs - clientMs);
    if (this.#offsetsMs.length > KEPT) this.#offsetsMs.shift();
  }

  /** How far the server is ahead of this computer. A message is never early, so the largest is the best. */
  get offsetMs() {
    return this.#offsetsMs.length === 0 ? 0 : Math.max(...this.#offsetsMs);
  }

  get isOff() {
    return Math.abs(this.offsetMs) > OFF_MS;
  }

  nowMs(clientMs = Date.now()) {
    return clientMs + this.offsetMs;
  }
}
