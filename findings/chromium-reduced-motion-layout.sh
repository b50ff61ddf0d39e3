#!/usr/bin/env bash
# A guess about CSS for people who prefer reduced motion, and what really happens.
#
# Versions: Chromium 156 (headless shell). Other browsers were not tried.
# Expected: `* { transition-duration: 0.01ms !important }`, which many style sheets contain for
#           `prefers-reduced-motion`, only shortens the transitions that other rules define. A script that sets a
#           height and then reads the layout gets the new height, as without this rule.
# Seen:     the script reads the old height until the next frame. scrollTo() and scrollBy() stop at the old end of the
#           page, so a list that grows and then scrolls ends at the wrong place, only for these people.
# Why:      the initial value of `transition-property` is `all`. Any duration above zero, however short, makes each
#           change of each property of each element a transition, and a transition begins with the old value.
# Remedy:   `transition-duration: 0s`, or `transition: none`.
#
# Needs chromium-headless-shell, chromium or google-chrome. The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for program in chromium-headless-shell chromium chromium-browser google-chrome; do
  browser=$(command -v "$program") && break
done
test -n "${browser:-}" || { echo 'Install chromium-headless-shell, chromium or google-chrome.' >&2; exit 2; }

# measure DURATION: print the height that a script reads after it has set 9000px.
measure() {
  cat >page.html <<HTML
<!doctype html>
<style>* { transition-duration: $1 !important }</style>
<div id="list" style="height: 100px"></div>
<script>
  const list = document.getElementById("list");
  list.getBoundingClientRect();
  list.style.height = "9000px";
  document.title = \`height=\${list.offsetHeight}\`;
</script>
HTML
  "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$folder/profile" --dump-dom "file://$folder/page.html" \
    2>/dev/null | grep -o 'height=[0-9]*' | head -1
}

short=$(measure 0.01ms)
none=$(measure 0s)
echo "With 0.01ms: $short. With 0s: $none."
test "$short" = height=100 && test "$none" = height=9000
