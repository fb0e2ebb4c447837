/**
 * Which of several hosts this one is, in the layout that SageMaker gives its training containers: the same program on
 * each, told apart by two files.
 * In: the text of /opt/ml/input/config/resourceconfig.json and hyperparameters.json. Out: this host's place. Pure.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
import { BagfleetError } from '@bagfleet/proto';
import { z } from 'zod';

export const SAGEMAKER_FOLDER = '/opt/ml/input/config';

export interface HostPlace {
  /** The run's folder. */
  readonly uri: string;
  readonly index: number;
  readonly hosts: number;
  /** Where the others reach this one: a name or an address. */
  readonly address: string;
}

const resourcesSchema = z.object({ current_host: z.string().min(1), hosts: z.array(z.string()).min(1) });
/** All values of hyperparameters are texts, some of them JSON texts. */
const parametersSchema = z.object({ run: z.string().min(1) });

export function placeInSageMaker(resources: string, parameters: string): HostPlace {
  const { current_host: address, hosts } = read(resources, resourcesSchema, 'resourceconfig.json');
  const { run } = read(parameters, parametersSchema, 'hyperparameters.json');
  const sorted = [...hosts].sort();
  const index = sorted.indexOf(address);
  if (index < 0)
    throw misfit(
      'resourceconfig.json',
      `current_host ${address} is not among its hosts (${sorted.join(', ')})`,
    );
  return { uri: unquoted(run), index, hosts: sorted.length, address };
}

function read<T>(text: string, schema: z.ZodType<T>, file: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw misfit(file, 'is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw misfit(file, `${path.join('.') || 'its value'}: ${message}`);
}

function unquoted(text: string): string {
  return /^".*"$/.test(text) ? (JSON.parse(text) as string) : text;
}

function misfit(file: string, message: string): BagfleetError {
  return new BagfleetError('usage', message, {
    culprit: `${SAGEMAKER_FOLDER}/${file}`,
    hint: 'SageMaker writes it: give the hyperparameter `run`, the folder that `bagfleet submit --on hosts` has made.',
  });
}
