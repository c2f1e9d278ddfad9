-- An author's few minutes in Neovim, by its own keys: what she does, and what she then sees, noted as JSON for the test beside this file.
-- It is a coroutine that a timer wakes, so that the editor reads its keys and the server's answers in between, as it does for a person.

local noted = {}
local session

local function wait_until(what, holds)
  local started = vim.uv.now()
  while true do
    local fine, answer = pcall(holds)
    if fine and answer then
      return answer
    end
    if vim.uv.now() - started > 60000 then
      error('waited in vain for ' .. what .. ': ' .. tostring(answer))
    end
    vim.defer_fn(session, 20)
    coroutine.yield()
  end
end

local function press(keys)
  vim.api.nvim_input(keys)
end

local function go_to(text, into)
  vim.fn.cursor(1, 1)
  local found = vim.fn.searchpos('\\V' .. text, 'cW')
  assert(found[1] > 0, 'there is no ' .. text)
  vim.fn.cursor(found[1], found[2] + (into or 0))
end

local function has(text)
  return vim.fn.search('\\V' .. text, 'nw') > 0
end

local function lines_with(text)
  return vim.tbl_filter(function(line)
    return line:find(text, 1, true) ~= nil
  end, vim.api.nvim_buf_get_lines(0, 0, -1, false))
end

local function here()
  return { vim.fs.basename(vim.api.nvim_buf_get_name(0)), vim.fn.line('.'), vim.fn.getline('.') }
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return window
    end
  end
end

local function shown()
  return vim.tbl_map(function(one)
    return { line = one.lnum + 1, column = one.col + 1, code = one.code, message = one.message, source = one.source }
  end, vim.diagnostic.get(0))
end

local function conversation()
  local main = vim.api.nvim_get_current_buf()
  local client = wait_until('a client', function()
    local found = vim.lsp.get_clients({ bufnr = main })[1]
    return found and found.initialized and found
  end)
  noted.client = { name = client.name, root = client.root_dir }

  wait_until('a mistake', function()
    return #vim.diagnostic.get(main) > 0
  end)
  noted.wrong = shown()

  go_to('AGREE}')
  press('gra')
  noted.offered = wait_until('an offer', function()
    return noted.menu
  end)
  wait_until('the repair', function()
    return has('go: AGREED}')
  end)
  wait_until('no mistake', function()
    return #vim.diagnostic.get(main) == 0
  end)

  go_to('fare > max_price')
  press('K')
  local window = wait_until('what K shows', floating)
  noted.hover = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
  vim.api.nvim_win_close(window, true)

  go_to('[personas/commuters', 3)
  press('<C-]>')
  wait_until('the module', function()
    return vim.api.nvim_get_current_buf() ~= main
  end)
  noted.module = here()
  press('<C-o>')
  wait_until('the way back', function()
    return vim.api.nvim_get_current_buf() == main
  end)

  go_to('go: AGREED', 4)
  press('<C-]>')
  wait_until('the declaration', function()
    return vim.fn.getline('.'):find('^    AGREED:') ~= nil
  end)
  noted.declaration = here()

  go_to('max_price: money')
  press('grr')
  noted.references = wait_until('the places', function()
    local found = vim.fn.getqflist()
    return #found > 0 and #found
  end)
  vim.cmd('cclose')

  go_to('max_price: money')
  press('grn')
  wait_until('the new name', function()
    return has('ceiling') and not has('max_price')
  end)
  noted.renamed = lines_with('ceiling')

  go_to('go: AGREED', 4)
  press('ciw<C-x><C-o>')  -- the first of the menu is written at once
  wait_until('a menu', function()
    return vim.fn.pumvisible() == 1
  end)
  noted.completions = vim.tbl_map(function(item)
    return item.word
  end, vim.fn.complete_info({ 'items' }).items)
  press('<C-n><C-n><C-n><C-y>')
  wait_until('a choice', function()
    return vim.fn.getline('.'):find('go: COMPLETED') ~= nil
  end)
  press('<Esc>u')
  wait_until('no choice', function()
    return has('go: AGREED')
  end)

  press('gO')
  noted.outline = wait_until('an outline', function()
    local found = vim.fn.getloclist(0)
    return #found > 0 and vim.tbl_map(function(item)
      return item.text
    end, found)
  end)
  vim.cmd('lclose')

  vim.fn.setline(vim.fn.search('^horizon:'), 'horizon:    8h')
  vim.lsp.buf.format({ async = true })
  wait_until('order', function()
    return has('horizon: 8h')
  end)

  -- While a state was being chosen there was none: what was said of that must have gone before anything else is waited for.
  wait_until('no mistake after all this', function()
    return #vim.diagnostic.get(main) == 0
  end)

  -- A state that no line leads to is in the graph alone, which is searched when the file is saved.
  local out = vim.fn.search('after: 10m, go: FAILED')
  vim.cmd(out .. 'delete')
  vim.cmd(vim.fn.search('agent.complete_task, go: COMPLETED') .. 'substitute/COMPLETED/PENDING/')
  vim.cmd('silent write')
  wait_until('a finding', function()
    return #vim.diagnostic.get(main) > 0
  end)
  noted.found = shown()
end

local running = coroutine.create(conversation)
session = function()
  local fine, err = coroutine.resume(running)
  if not fine then
    noted.error = debug.traceback(running, tostring(err))
  end
  if coroutine.status(running) == 'dead' then
    vim.fn.writefile({ vim.json.encode(noted) }, vim.env.NOTED)
    vim.cmd('qall!')
  end
end

-- The menu of repairs and the question for a new name come some time after the keys; they are answered as they are asked.
vim.ui.input = function(options, answered)
  noted.old_name = options.default
  answered('ceiling')
end
vim.ui.select = function(items, options, chosen)
  noted.menu = vim.tbl_map(options.format_item or tostring, items)
  chosen(items[1], 1)
end
vim.schedule(session)
