# shellcheck shell=bash
# For scripts that run jobs against a service: the jobs are `ask socket {}`, and what they got is in
# the file `record`, by the service's own account.

# start_service WORD...: `test_service` begins to listen on `socket`; what the words mean is in model.h.
start_service() {
  exec {answers}< <(exec test_service listen socket record "$@")
  service=$!
  read -r -u "$answers" _
}

# stop_service: it ends, and its record is complete.
stop_service() {
  kill "$service"
  wait "$service"
}

# count ANSWER: how many requests got this answer: served, broken, refused, away.
count() { awk -v answer="$1" '$4 == answer { n++ } END { print n + 0 }' record; }

# count_jobs ANSWER: how many different jobs did.
count_jobs() {
  awk -v answer="$1" '$4 == answer && !seen[$3]++ { n++ } END { print n + 0 }' record
}
