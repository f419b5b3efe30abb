// Package templates reads monetization templates from files and runs the tables of their tests. The eight that StreamChain comes
// with lie beside it, one file each, with their tests in the same form.
//
// It is for tools: the chain gets templates by message and knows no files. What an expression may say is package template's.
//
// Start at Load, then File.Run; README.md is for creators and authors.
package templates
