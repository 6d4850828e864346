#!/usr/bin/env bash
# What action.yml does: checks the generated files, plans against another commit, tells both, and comments with the plan.
# Exit code: that of the check where it fails, else that of the plan; breaking changes (6) fail only where that is asked for.
set -euo pipefail

meridian=${MERIDIAN_COMMAND:-npx --no-install meridian}
project=()
[[ -z ${MERIDIAN_PROJECT:-} ]] || project=(--project "$MERIDIAN_PROJECT")
plan=${RUNNER_TEMP:-/tmp}/meridian-plan.md
# Of this folder and project: a pull request may have several.
here=${PWD#"${GITHUB_WORKSPACE:-$PWD}"}
marker="<!-- meridian plan $(echo "${here#/} ${MERIDIAN_PROJECT:-}" | xargs) -->"

# One comment for a pull request, written anew at each push. GitHub takes 65,536 characters.
comment() {
  local body=${RUNNER_TEMP:-/tmp}/meridian-comment.md known
  head -c 60000 "$plan" >"$body" || return
  [[ $(wc -c <"$plan") -le 60000 ]] || printf '\n\n... the rest is in the summary of the job.\n' >>"$body" || return
  known=$(gh api --paginate "repos/$GH_REPO/issues/$MERIDIAN_COMMENT/comments" \
    --jq ".[] | select(.body | startswith(\"$marker\")) | .id") || return
  known=${known%%$'\n'*}
  if [[ -n $known ]]; then
    gh api --silent --method PATCH "repos/$GH_REPO/issues/comments/$known" --field "body=@$body"
  else
    gh api --silent "repos/$GH_REPO/issues/$MERIDIAN_COMMENT/comments" --field "body=@$body"
  fi
}

checked=0
# shellcheck disable=SC2086 # the command is words
$meridian "${project[@]}" check --format github || checked=$?

planned=0
against=()
# A branch that is new has forty zeros before it.
if [[ -n ${MERIDIAN_AGAINST:-} && ! $MERIDIAN_AGAINST =~ ^0+$ ]]; then
  against=(--against "$MERIDIAN_AGAINST")
  # Checkouts are shallow; the commit may be there all the same.
  git cat-file -e "$MERIDIAN_AGAINST^{commit}" 2>/dev/null ||
    git fetch --quiet --no-tags --depth=1 origin "$MERIDIAN_AGAINST" || true
fi
{
  echo "$marker"
  # shellcheck disable=SC2086
  $meridian "${project[@]}" plan "${against[@]}" --format markdown
} >"$plan" || planned=$?

breaking=false
if [[ $planned -eq 6 ]]; then
  breaking=true
  [[ ${MERIDIAN_FAIL_ON_BREAKING:-false} == true ]] || planned=0
fi
if [[ -n ${GITHUB_OUTPUT:-} ]]; then
  printf 'breaking=%s\nplan=%s\n' "$breaking" "$plan" >>"$GITHUB_OUTPUT"
fi
if [[ $planned -eq 0 || $planned -eq 6 ]]; then
  [[ -z ${GITHUB_STEP_SUMMARY:-} ]] || cat "$plan" >>"$GITHUB_STEP_SUMMARY"
  if [[ -n ${MERIDIAN_COMMENT:-} ]] && ! comment; then
    # What the check and the plan found is what counts.
    echo "::warning title=Meridian::The plan could not be written as a comment: it is in the summary of the job."
  fi
fi
[[ $checked -eq 0 ]] || exit "$checked"
exit "$planned"
