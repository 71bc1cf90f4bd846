/** Requests that a gateway passes on to web services, for whoever is about to stop one. */
export class RequestsUnderWay {
  #count: (container: string) => number = () => 0;

  /** From now on this knows. */
  follow(count: (container: string) => number): void {
    this.#count = count;
  }

  of(container: string): number {
    return this.#count(container);
  }
}
