-- Two reasons that differ only in an id or a number must give one pattern, however long the number is and wherever its
-- digits stand. So ids and numbers share a placeholder, and what is cut off is cut off the pattern: cut off the reason, the
-- end of a long one would depend on the length of the numbers before it. Only the beginning is looked at: a reason
-- may be a megabyte long.
create or replace function failure_reason_pattern(reason text) returns text
language sql immutable parallel safe
return coalesce(nullif(btrim(left(
  regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    left(reason, 2000),
    -- Up to the punctuation of the sentence that it stands in.
    '[A-Za-z][A-Za-z0-9+.-]*://[^ \t\r\n"''<>)\]]*[^ \t\r\n"''<>)\].,:;!?]', '<url>', 'g'),
    '"[^"]*"|`[^`]*`', '<text>', 'g'),
    '(^|[ (\[=:,])''[^'']*''', '\1<text>', 'g'),
    -- An id: digits in two places of a word, more than a unit (ms, GB) after a digit, or a long row of letters and digits. Not
    -- words joined by hyphens with numbers of one or two digits between (gpt-5-mini): they name something.
    '(?<![0-9A-Za-z_-])(?![A-Za-z]{2,}(?:-[A-Za-z]+|-[0-9]{1,2}[a-z]?)*-[A-Za-z]{2,}(?![0-9A-Za-z_-]))[0-9A-Za-z_-]*(?:[0-9](?:[A-Za-z_-]+[0-9]|[A-Za-z_-]{3})|[0-9A-Fa-f]{8}|[0-9A-Za-z]{15}[0-9])[0-9A-Za-z_-]*', '<n>', 'g'),
    -- A number, except in such words, and except a status code: 100 to 599 by itself, unless it is how much of something.
    '(?<![0-9])(?!(?<=[A-Za-z]-(?:[0-9]{1,2}-)*)[0-9]{1,2}[a-z]?(?:-[0-9]{1,2}[a-z]?)*-[A-Za-z]{2})'
      '(?!(?<![0-9A-Za-z_-]|[0-9][.,:]|\m(?:after|attempt|every|for|in|of|within) )[1-5][0-9]{2}(?![0-9A-Za-z_-]|[.,:][0-9]'
      '|%| (?:ms|s|secs?|min|h|[kKMG]i?B|of|out|second|minute|hour|day|byte|[a-z]+[a-rtv-z]s)\M))'
      '(?:[0-9]+|<n>)(?:[.,:](?:[0-9]+|<n>))*', '<n>', 'g'),
    '[ \t\r\n]+', ' ', 'g'),
  500)), ''), '(none)');

comment on function failure_reason_pattern(text) is 'What a failure reason has in common with others of its kind: URLs and quoted texts replaced by <url> and <text>, numbers and ids by <n>, white space made single; of a long one the first 500 characters of that. An id is a word (letters, digits, _ and -) with digits in two places or three more characters after a digit, or one that holds eight hexadecimal digits in a row or a digit after fifteen letters and digits; of other words (shard-12, 30000ms) only the number is replaced. What tells failures apart stays: words joined by hyphens (gpt-5-mini), and a status code, which is a number from 100 to 599 by itself that does not say how much of something. (none) when there is no text.';
