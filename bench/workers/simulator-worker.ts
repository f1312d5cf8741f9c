import { runSimulatorProcess } from '../../src/simulator/simulator-process.ts';

await runSimulatorProcess(process);
