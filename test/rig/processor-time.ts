/** How much of the processor's time some work of this process takes: a busy machine makes nothing slow by it. */
export async function processorMillis(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
