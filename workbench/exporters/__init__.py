"""From read models to bytes for other programs: Word report, theme briefs as PDF, workbook. No queries here."""
