-- Migration 2: reading and coding. Finding words, corrected texts, merged code groups, codebooks as a second
-- lens, waves.

-- Only the text that stands is in this file; earlier versions of a corrected text are in the vault.
CREATE TABLE text_edit(source TEXT NOT NULL REFERENCES source(id), from_rev INTEGER NOT NULL, to_rev INTEGER NOT NULL,
  start INTEGER NOT NULL, end INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY(source, to_rev, start)) STRICT;

-- Words of every turn by its id. Contentless: the words themselves stand in the turns only once.
CREATE VIRTUAL TABLE turn_fts USING fts5(text, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0');
INSERT INTO turn_fts(rowid, text) SELECT id, text FROM turn ORDER BY id;
-- Every word form once, so that a part of a compound is found (trigrams would cost far more room).
CREATE TABLE word(term TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE temp.turn_words USING fts5vocab(main, turn_fts, row);
INSERT INTO word(term) SELECT term FROM temp.turn_words;
DROP TABLE temp.turn_words;

ALTER TABLE code_group ADD COLUMN merged_into TEXT REFERENCES code_group(id);
CREATE INDEX memo_item ON memo(item);

CREATE TABLE wave(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  name TEXT NOT NULL, position INTEGER NOT NULL) STRICT;
ALTER TABLE source ADD COLUMN wave TEXT REFERENCES wave(id);

-- A second lens on the same units: codes of a codebook, hidden until a project adds one.
CREATE TABLE codebook(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  title TEXT NOT NULL, citation TEXT NOT NULL DEFAULT '', verified INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL) STRICT;
CREATE TABLE code(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  codebook TEXT NOT NULL REFERENCES codebook(id), parent TEXT REFERENCES code(id), label TEXT NOT NULL,
  label_da TEXT NOT NULL DEFAULT '', definition TEXT NOT NULL DEFAULT '', position INTEGER NOT NULL) STRICT;
CREATE INDEX code_codebook ON code(codebook);
CREATE TABLE code_tag(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  unit TEXT NOT NULL REFERENCES unit(id), code TEXT NOT NULL REFERENCES code(id),
  member TEXT NOT NULL REFERENCES member(id)) STRICT;
CREATE UNIQUE INDEX code_tag_one ON code_tag(unit, code) WHERE retired IS NULL;
CREATE INDEX code_tag_code ON code_tag(code);
