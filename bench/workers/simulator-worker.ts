import { runSimulatorProcess } from '../../src/simulator/process/simulator-process.ts';

await runSimulatorProcess(process);
