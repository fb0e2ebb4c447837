/**
 * Plain http carries signatures and patients' data in the clear: it is refused unless the host is this machine
 * or the job says `store.insecure: true`.
 * In: protocol and host of a request, or an endpoint. Out: nothing, or `store-insecure`.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

export function refusePlainHttp(protocol: string, hostname: string, insecure: boolean): void {
  if (protocol !== 'http:' || insecure || isLoopback(hostname)) return;
  throw new BagfleetError('store-insecure', 'plain http would carry the data unprotected over the network', {
    culprit: `store endpoint http://${hostname}`,
    hint: 'Use an https endpoint, or set store.insecure: true if that network is yours alone.',
  });
}

/** localhost and names below it (RFC 6761), 127.0.0.0/8, ::1. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return /(^|\.)localhost$/.test(host) || /^127(\.\d{1,3}){3}$/.test(host) || /^\[?::1\]?$/.test(host);
}
