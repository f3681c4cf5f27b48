# Counts, slowly enough to be watched.
for number in 1 2 3 4 5; do
  printf 'number \033[1;32m%s\033[0m\n' "$number"
  sleep 0.3
done
