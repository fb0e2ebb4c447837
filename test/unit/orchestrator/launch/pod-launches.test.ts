import assert from 'node:assert/strict';
import { type Launch, PodLaunches, podOf } from '@bagfleet/orchestrator/launch/kubernetes/pod-launches';
import { CounterRng } from '@bagfleet/proto';

const SILENT = {
  recorded: { lines: 0, last: null },
  peakBytes: () => null,
  onLine: () => {},
  onPlacing: () => {},
  onPlaced: () => {},
  onExit: () => {},
};

describe('launches and pods', () => {
  let made = 0;
  const launchOf = (workerId: string): Launch => ({
    workerId,
    incarnation: `1.${++made}`,
    events: SILENT,
    pod: null,
    process: null,
  });

  it('a launch waits for a pod, and its process for it', () => {
    const launches = new PodLaunches();
    assert.equal(launches.bind('a', 'w0'), null, 'nobody has asked');
    assert.equal(launches.join('w0', 'a/0.1'), null);
    const launch = launchOf('w0');
    launches.add(launch);
    assert.deepEqual(launches.waiting(), [launch]);
    assert.equal(launches.bind('a', 'w0'), launch);
    assert.equal(launches.bind('a', 'w1'), null);
    assert.equal(launches.join('w0', 'a/0.2'), launch);
    assert.equal(launches.join('w0', 'a/0.3'), null, 'it has a process');
    assert.equal(launches.join('w0', 'a/0.2'), launch, 'it comes again');
  });

  it('the next launch of a worker gets the place when the one before is over', () => {
    const launches = new PodLaunches();
    const [first, second] = [launchOf('w3'), launchOf('w3')];
    launches.add(first);
    launches.join('w3', 'a/3.1');
    launches.add(second);
    assert.equal(launches.bind('a', 'w3'), first);
    assert.ok(launches.end(first));
    assert.ok(!launches.end(first), 'once');
    assert.equal(launches.join('w3', 'a/3.2'), second);
  });

  it('another pod takes the next launch while the one before still ends', () => {
    const launches = new PodLaunches();
    const [first, second] = [launchOf('w0'), launchOf('w0')];
    launches.add(first);
    launches.bind('a', 'w0');
    launches.add(second);
    assert.equal(launches.bind('b', 'w0'), second);
    assert.deepEqual([launches.ofPod('a'), launches.ofPod('b')], [[first], [second]]);
  });

  /** The rules once more, over a plain list and by brute force. */
  it('are bound as a simple twin binds them (random events)', () => {
    for (let seed = 0; seed < 200; seed++) {
      const launches = new PodLaunches();
      const twin: Launch[] = [];
      const draws = [...new CounterRng(seed, ['launches']).normal(240)].map((value) =>
        Math.floor(Math.abs(value) * 1e4),
      );
      for (let k = 0; k + 3 < draws.length; k += 4) {
        const [what, w, p, n] = draws.slice(k, k + 4);
        const worker = `w${w % 3}`;
        const process = `pod${p % 3}/${w % 3}.${n % 3}`;
        if (what % 4 === 0) {
          const launch = launchOf(worker);
          launches.add(launch);
          twin.push({ ...launch });
        } else if (what % 4 === 1) {
          assert.equal(
            launches.bind(podOf(process), worker)?.incarnation,
            twinBind(twin, podOf(process), worker)?.incarnation,
          );
        } else if (what % 4 === 2) {
          const bound = twinBind(twin, podOf(process), worker);
          if (bound && bound.process === null) bound.process = process;
          const expected = bound?.process === process ? bound.incarnation : undefined;
          assert.equal(launches.join(worker, process)?.incarnation, expected);
        } else {
          const [over] = twin.splice(n % Math.max(1, twin.length), 1);
          const live = [
            ...launches.waiting(),
            ...['pod0', 'pod1', 'pod2'].flatMap((pod) => launches.ofPod(pod)),
          ];
          const same = live.find(({ incarnation }) => incarnation === over?.incarnation);
          assert.equal(live.length, over ? twin.length + 1 : 0);
          if (same) launches.end(same);
        }
      }
    }
  });
});

function twinBind(twin: Launch[], pod: string, worker: string): Launch | undefined {
  for (const launch of twin) if (launch.pod === pod && launch.workerId === worker) return launch;
  let newest: Launch | undefined;
  for (const launch of twin) if (launch.workerId === worker) newest = launch;
  if (newest?.pod !== null) return undefined;
  newest.pod = pod;
  return newest;
}
