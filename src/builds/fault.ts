/** Why a build file cannot be used. `message` is a clause for people: "it is not JSON". */
export class BuildFault extends Error {
  override readonly name = "BuildFault";
}
