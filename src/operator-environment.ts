/** The part of the environment that is for whoever operates the program: probes, metrics and traces. */

import { isIP } from "node:net";
import { EnvironmentFault } from "./environment-fault.ts";

export interface OperatorEnvironment {
  /** Where probes and metrics are served; undefined: nowhere. */
  operator: { host: string; port: number } | undefined;
  /** Where spans are sent by OTLP over HTTP; undefined: none are made. */
  otlpEndpoint: string | undefined;
}

type Set = Record<string, string | undefined>;

/** Reads what is set; throws {@link EnvironmentFault}. */
export function readOperatorEnvironment(set: Set): OperatorEnvironment {
  return { operator: placeOf(set), otlpEndpoint: endpointOf(set.OTEL_EXPORTER_OTLP_ENDPOINT) };
}

function placeOf({ OPERATOR_PORT: port, OPERATOR_HOST: host }: Set): OperatorEnvironment["operator"] {
  if (host !== undefined && isIP(host) === 0)
    throw new EnvironmentFault(
      "OPERATOR_HOST is not usable: it is an IP address of this machine, such as 127.0.0.1. See docs/monitoring.md.",
    );
  if (port === undefined) {
    if (host === undefined) return undefined;
    throw new EnvironmentFault("OPERATOR_HOST is set and OPERATOR_PORT is not: set both. See docs/monitoring.md.");
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new EnvironmentFault(
      "OPERATOR_PORT is not usable: a port is a number from 0 to 65535. See docs/monitoring.md.",
    );
  // The loopback unless somebody says otherwise: whoever reads it learns how the council works.
  return { host: host ?? "127.0.0.1", port: Number(port) };
}

/** A collector beside the program or in its network: spans carry names, no secrets and no texts. */
function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new EnvironmentFault(
      "OTEL_EXPORTER_OTLP_ENDPOINT is not usable: it is an http address such as http://127.0.0.1:4318. See docs/monitoring.md.",
    );
  return text;
}
