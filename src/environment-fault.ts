/** Throws a sentence that names the variable; never its value, which may be a key. */
export class EnvironmentFault extends Error {
  override readonly name = "EnvironmentFault";
}
