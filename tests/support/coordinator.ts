// What the coordinator's page would say, asked over the wire.
import { Device } from './device';
import type { Server } from './server';

export type Counts = { visits_open: number; visits_closed: number; interviews: number; clashes: number; unsound: number };

/** A coordinator's device that looks at coverage. */
export class Coordinator {
  private constructor(private readonly device: Device) {}

  static async of(server: Server): Promise<Coordinator> {
    return new Coordinator(await Device.enrol(server.url, await server.code({ role: 'coordinator' }), 'Sari'));
  }

  /** How far a unit is; the projection follows a moment after the log. */
  async unit({ government, unit }: { government: string; unit: string }): Promise<Counts> {
    const { governments } = await this.device.get('coverage');
    const units = governments.find((own: any) => own.name === government)?.units ?? [];
    const { visits_open, visits_closed, interviews, clashes, unsound } = units.find((own: any) => own.name === unit);
    return { visits_open, visits_closed, interviews, clashes, unsound };
  }
}
