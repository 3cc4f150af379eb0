"""Texts that programs have taken for something else: formulas, errors, dates, markup, other directions."""

PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")", "=cmd|' /C calc'!A0", "\t=1+1", "\r=1+1",
    "\n=1+1", " =1+1", "\u00a0=1+1", "\ufeff=1+1", "＝1+1", "＋1", "－1", "＠a", "\x00=1+1", "%0A=1", "|=1", "'=1+1",
    "#N/A", "#REF!", "TRUE", "1e5", "007", "1-2-2026", "2026-01-01", "12:30", "100%", "€5",
    "_x0041_", "_x000D_", "<b>bold</b>", "*bold* _x_ `code` #let x = 1", "#import \"/etc/passwd\": *", "$ x^2 $ \\ @ref <lbl>",
    "![](http://x)", "\u202eevil", "שלום עולם", "مرحبا", "👩‍👩‍👧 e\u0301", "a\x0bb\x0cc\x1f", "\ud800 alone",
    "\ufffe", "{n} {0} %s",
)  # fmt: skip

# A few of them for tests that make whole files.
HOSTILE = ("=1+1", '#import "x": * $ @a <b> */', "a\x00b\x0bc", "שלום 👩‍👩‍👧 e\u0301 {n}", "å" * 40_000)
