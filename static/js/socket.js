// The live event stream, without gap or duplicate: reconnects by itself and resumes after the last sequence it has seen.

const SILENCE_MS = 45_000; // the server pings every 20 s; two missed pings mean that the line is dead
const FIRST_RETRY_MS = 500;
const SLOWEST_RETRY_MS = 20_000;

export class EventSocket {
  #socket = null;
  #position = null; // everything up to this sequence has been handed over; null: nothing yet, start from now
  #failures = 0;
  #retry = null;
  #watchdog = null;

  /**
   * url         of WS /ws/v1/events
   * extensions  ids to be told about; likewise accounts, types; without them: everything
   * onStart     async: the stream starts from now, so load what is already there; if it fails, all begins again
   * onEvent     gets each event once, in order
   * onStatus    "live" or "reconnecting"
   * onRefused   closed before it was ready: maybe the session is gone
   */
  constructor({ url, extensions, accounts, types, onStart, onEvent, onStatus, onRefused }) {
    Object.assign(this, { url, extensions, accounts, types, onStart, onEvent, onStatus, onRefused });
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
  }

  open() {
    clearTimeout(this.#retry);
    this.#retry = null;
    const socket = new WebSocket(this.url);
    let readies = 0;
    this.#socket = socket;
    this.#watch(socket);
    socket.onopen = () => socket.send(JSON.stringify(this.#subscription()));
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#watch(socket);
      const message = JSON.parse(data);
      if (message.type === "ready") this.#ready(message.sequence, (readies += 1));
      else this.#receive(message);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#closed(readies > 0);
    };
  }

  /** Doesn't wait for the next attempt, if one is due later. */
  retryNow() {
    if (this.#retry !== null) this.open();
  }

  #subscription() {
    const resume = this.#position === null ? {} : { after: this.#position };
    return { type: "subscribe", extensions: this.extensions, accounts: this.accounts, types: this.types, ...resume };
  }

  #ready(sequence, count) {
    this.#failures = 0;
    this.onStatus("live");
    // When resuming, `sequence` is where the log stands, and what we missed is still to come: keep the position.
    if (count === 1 && this.#position !== null) return;
    // A second `ready`: on a slow line the server went live before it heard us. What fell in between, loading brings.
    this.#position = Math.max(this.#position ?? 0, sequence);
    this.onStart().catch(() => this.#startOver());
  }

  #receive(message) {
    if (message.type === "event") this.#event(message.event);
    else if (message.type === "ping") this.#position = Math.max(this.#position ?? 0, message.sequence);
  }

  #event(event) {
    if (event.sequence <= this.#position) return;
    this.onEvent(event);
    this.#position = event.sequence;
  }

  #startOver() {
    this.#position = null;
    this.#socket?.close();
  }

  /** A dead line gives no close event for minutes, so silence counts as one. */
  #watch(socket) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      socket.onclose();
      socket.close();
    }, SILENCE_MS);
  }

  #closed(wasReady) {
    clearTimeout(this.#watchdog);
    this.#socket = null;
    this.onStatus("reconnecting");
    if (!wasReady) this.onRefused();
    const ceiling = Math.min(SLOWEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.open(), ceiling * (0.5 + Math.random() / 2));
  }
}
