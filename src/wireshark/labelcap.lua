-- The labels that labelcap puts into the first comment of each packet, as fields of
-- Wireshark and tshark (4.0 or later). labelcap-comment(5) says what a label is.
--
--   labelcap.sample_id   the sampleID, exact up to 2^64 - 1
--   labelcap.label       the metadata
--   labelcap.key         each "name=value" between the commas of the metadata
--   labelcap.key.NAME    the value, for the names in the preference labelcap.keys
--   labelcap.colour      0 to 11, a hash of the label, for colour rules
--   labelcap.overflow    an expert note: the number is 2^64 or more, so this is no label

local COLOURS = 12
local ID_MAX = "18446744073709551615" -- 2^64 - 1
local CACHE_MAX = 20000 -- comments remembered, so that a sample for each packet fills no memory

local is_new, labelcap = pcall(Proto, "labelcap", "Label of labelcap")
if not is_new then -- the system's folder has this file as well as the user's
    return
end

local first_comment = Field.new("frame.comment")

local sample_id = ProtoField.uint64("labelcap.sample_id", "sampleID", base.DEC)
local label = ProtoField.string("labelcap.label", "Label")
local key = ProtoField.string("labelcap.key", "Key")
local colour = ProtoField.uint8("labelcap.colour", "Colour", base.DEC)
local overflow = ProtoExpert.new("labelcap.overflow", "The number of the label is 2^64 or more",
    expert.group.MALFORMED, expert.severity.WARN)

-- Fields must exist before display filters are compiled, but Wireshark sets preferences after
-- that: their files are read here.

local function add_names_of(path, names)
    local file = io.open(path)
    if not file then
        return
    end
    for line in file:lines() do
        local list = line:match("^labelcap%.keys:%s*(.*)")
        for name in (list or ""):gmatch("[^,%s]+") do
            names[name] = true
        end
    end
    file:close()
end

local function names_of_preferences()
    local names = {}
    add_names_of(Dir.personal_config_path("preferences"), names)
    local profiles = Dir.personal_config_path("profiles")
    if Dir.exists(profiles) then
        for profile in Dir.open(profiles) do
            add_names_of(profiles .. "/" .. profile .. "/preferences", names)
        end
    end
    return names
end

-- Two names that differ only in what a field's name cannot hold share a field.
local function fields_of(names)
    local by_name, by_field = {}, {}
    for name in pairs(names) do
        local field = "labelcap.key." .. name:gsub("[^%w_-]", "_")
        by_field[field] = by_field[field] or ProtoField.string(field, name)
        by_name[name] = by_field[field]
    end
    return by_name, by_field
end

local key_fields, new_fields = fields_of(names_of_preferences())

labelcap.fields = { sample_id, label, key, colour }
for _, field in pairs(new_fields) do
    labelcap.fields[#labelcap.fields + 1] = field
end
labelcap.experts = { overflow }
labelcap.prefs.keys = Pref.string("Names of keys", "",
    "Names, with commas between them, that get a field labelcap.key.NAME (after a restart)")

-- pcapml adds facts of the packet behind the label: its direction, and its destination.
local function is_fact(field)
    return field:find("^d=") or field:find("^dir=") or field:find("^dst=")
end

local function without_facts(metadata, keyed)
    while true do
        local head, last = metadata:match("^(.*),([^,]*)$")
        if not head then
            return keyed and is_fact(metadata) and "" or metadata
        elseif not is_fact(last) then
            return metadata
        end
        metadata = head
    end
end

local function colour_of(text)
    local hash = 0
    for i = 1, #text do
        hash = (hash * 31 + text:byte(i)) % 4294967291
    end
    return hash % COLOURS
end

local function add_keys(entries, metadata)
    for part in metadata:gmatch("[^,]+") do
        local name, value = part:match("^([^=]+)=(.*)$")
        if name then
            entries[#entries + 1] = { field = key, value = part }
        end
        if name and key_fields[name] then
            entries[#entries + 1] = { field = key_fields[name], value = value }
        end
    end
end

local NO_LABEL, OVERFLOW = {}, {}

-- The fields of a comment and their values, NO_LABEL, or OVERFLOW.
local function parse(comment)
    local keyed = comment:sub(1, 2) == "s="
    local digits, metadata = comment:match("^(%d+),(.*)$", keyed and 3 or 1)
    if not digits then
        return NO_LABEL
    end
    local number = digits:gsub("^0+(%d)", "%1")
    if #number > #ID_MAX or (#number == #ID_MAX and number > ID_MAX) then
        return OVERFLOW
    elseif #digits > #ID_MAX then
        return NO_LABEL
    end
    metadata = without_facts(metadata, keyed)
    local entries = {
        { field = sample_id, value = UInt64.new(number) },
        { field = label, value = metadata },
        { field = colour, value = colour_of(metadata) },
    }
    add_keys(entries, metadata)
    return entries
end

local cache, cached = {}, 0

local function parse_once(comment)
    local parsed = cache[comment]
    if not parsed then
        if cached == CACHE_MAX then
            cache, cached = {}, 0
        end
        parsed = parse(comment)
        cache[comment] = parsed
        cached = cached + 1
    end
    return parsed
end

-- Each call of a method through its object is a search by name: these are searched for once.
local add, is_referenced = TreeItem.add, TreeItem.referenced
local own_handle

function labelcap.dissector(_, _, tree)
    -- A list of packets that nobody filters by label needs none of this.
    if not is_referenced(tree, own_handle) then
        return
    end
    local comment = first_comment()
    local parsed = comment and parse_once(comment()) or NO_LABEL
    if parsed == NO_LABEL then
        return
    end
    local item = add(tree, labelcap)
    if parsed == OVERFLOW then
        item:add_proto_expert_info(overflow)
        return
    end
    -- Details show all fields; a filter or a column asks for some, and the others cost time.
    local all = tree.visible
    for i = 1, #parsed do
        local entry = parsed[i]
        if all or is_referenced(tree, entry.field) then
            add(item, entry.field, entry.value)
        end
    end
end

own_handle = Dissector.get("labelcap")
register_postdissector(labelcap)
