/** What whoever starts a coordinator must have put into its environment. */
import { BagfleetError } from '@bagfleet/proto';

export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new BagfleetError('bug', `${name} must be set: keepers and Kubernetes start coordinators`);
}
