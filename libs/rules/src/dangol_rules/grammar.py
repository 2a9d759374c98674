"""The grammar of the rule language, for lark's LALR(1) parser."""

GRAMMAR = r"""
start: expression

?expression: conjunction ("or" conjunction)+ -> or_
    | conjunction
?conjunction: negation ("and" negation)+ -> and_
    | negation
?negation: NOT negation -> not_
    | atom
?atom: LPAR expression ")" -> group
    | ANY atom -> any_item
    | IN call -> in_segment
    | operand COMPARATOR operand -> compare
    | operand IN list -> one_of
    | operand IN operand -> has
    | operand WITHIN DURATION -> within
    | operand -> holds

list: LPAR literal ("," literal)* ")"
?operand: call | path | literal
path: NAME ("." NAME)*
call: NAME LPAR [argument ("," argument)*] ")"
argument: operand [WHERE expression] [BY path] -> plain
    | FROM DURATION TO DURATION -> between
literal: STRING | DURATION | NUMBER | TRUE | FALSE

NOT: "not"
ANY: "any"
IN: "in"
WITHIN: "within"
WHERE: "where"
BY: "by"
FROM: "from"
TO: "to"
TRUE: "true"
FALSE: "false"
LPAR: "("
COMPARATOR: "<=" | ">=" | "!=" | "=" | "<" | ">"
NAME: /[A-Za-z_][A-Za-z0-9_]*/
STRING: /"(\\["\\]|[^"\\\n])*"/
DURATION.2: /-?[0-9]+(\.[0-9]+)?[A-Za-z_][A-Za-z0-9_]*/
NUMBER: /-?[0-9]+(\.[0-9]+)?/
COMMENT: /#[^\n]*/
SPACE: /[ \t\r\n]+/
%ignore COMMENT
%ignore SPACE
"""
