import { cutExchanges } from './cut-exchanges.ts';
import { oddExchanges } from './odd-exchanges.ts';
import { passGround } from './pass-ground.ts';
import { wholeExchanges } from './whole-exchanges.ts';

/** @param plain requests that are plain are read and answered without Node's HTTP */
export function passThroughSuite(plain: boolean): void {
  const ground = passGround(plain);
  wholeExchanges(ground);
  cutExchanges(ground);
  oddExchanges(ground);
}
