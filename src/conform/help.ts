/** What the commands say about themselves. */

export const HELP = `ptncn conform [options] -- COMMAND ...: is a port of SPEC.md right, and if not, which equation is wrong?

COMMAND is any program that reads requests, a line each, from its standard input, and answers each with a line on its
standard output (SPEC.md, appendix C). It is run without a shell.

  --level tol|bit    within derived bounds of rounding, or the same bits (what the port says of itself)
  --smoke            the first case of each topic alone
  --only TEXT        cases whose id has this text
  --vectors FILE     the cases of a file, in place of the published ones
  --replay FILE      the case of a counterexample.json
  --fuzz N           N random cases after the published ones; a failing one is made smaller
  --seed N           of the random cases (1)
  --counterexample FILE  where the small failing case goes (counterexample.json)
  --expect FILE      {"cases":["id", ...]}: cases known to fail; one of them that passes is a failure
  --junit FILE  --tap FILE  --report FILE   results for other programs; the report is conform.json
  --start-timeout S  --request-timeout S  --total-timeout S   seconds (30, 5, 600)

  ptncn conform init --lang python|c|rust|go [FOLDER]    a port to fill in
  ptncn conform serve                                    the reference as a port

Exit status: 0 conforms; 1 failures; 2 usage; 3 could not start or shake hands; 4 nothing ran, or required equations
were not reached; 5 a fault of the kit.
`

export const VECTORS_HELP = `ptncn vectors export FOLDER             the published vectors, free of copyright
ptncn vectors check FILE [--level L]    a vector file judged against the reference (bit)
`
